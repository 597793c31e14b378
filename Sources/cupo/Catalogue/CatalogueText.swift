/// Reads the text of a catalogue from a file, or from standard input for `-`.
enum CatalogueText {
  static func read(_ path: String) throws(Failure) -> String {
    let bytes: [UInt8]
    do throws(FileBytes.Unreadable) {
      bytes =
        path == "-"
        ? try FileBytes.readStandardInput(bytesMax: CatalogueFile.bytesMax)
        : try FileBytes.read(path, bytesMax: CatalogueFile.bytesMax)
    } catch {
      throw Failure(.usage, error.text)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.usage, "\(path) is not UTF-8")
    }
    return text
  }
}
