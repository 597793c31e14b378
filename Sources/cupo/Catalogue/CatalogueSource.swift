/// A catalogue as a command line names it: a file, a folder of files, or `-` for standard input.
enum CatalogueSource {
  private static let endings = [".yaml", ".yml"]

  /// - Throws: ``Failure`` where it cannot be read, ``CatalogueFailure`` with all that is wrong with it.
  static func read(_ path: String) throws -> CatalogueFile {
    guard path != "-", let names = try names(in: path) else {
      return try CatalogueFile.read(
        CatalogueText.read(path), name: path == "-" ? "standard input" : path)
    }
    let wanted = names.filter { name in endings.contains { name.hasSuffix($0) } }
    guard !wanted.isEmpty else {
      throw Failure(.usage, "\(path) has no file that ends in \(endings.joined(separator: " or "))")
    }
    var files: [CatalogueFile] = []
    var failures: [CatalogueFailure] = []
    for name in wanted {
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      let text = try CatalogueText.read(file)
      do throws(CatalogueFailure) {
        files.append(try CatalogueFile.read(text, name: file))
      } catch {
        failures.append(error)
      }
    }
    guard var failure = failures.first else { return try CatalogueFile.merge(files, name: path) }
    failure.others = Array(failures.dropFirst())
    throw failure
  }

  private static func names(in path: String) throws(Failure) -> [String]? {
    do throws(FileBytes.Unreadable) {
      return try Folder.names(in: path)
    } catch {
      throw Failure(.usage, error.text)
    }
  }
}
