internal import CupoClient
internal import CupoSchema
internal import Protobuf

/// Puts the entries of a catalogue file, one after another. Each is whole or not at all; the file as a whole is not.
struct CatalogueApplier {
  /// What a Put made of one entry.
  struct Applied {
    let entry: CatalogueEntry
    let version: UInt64
    let impact: Impact
  }

  let client: CupoClient
  /// The file's name, for messages.
  let name: String
  var validateOnly = false
  var language = "en"

  /// Puts all entries, and calls `done` after each.
  ///
  /// - Throws: The first failure, with the line of the entry.
  func apply(_ file: CatalogueFile, done: (Applied) -> Void) async throws(Failure) {
    for entry in file.entries {
      do throws(CupoError) {
        done(try await put(entry))
      } catch {
        throw failure(error, entry)
      }
    }
  }

  private func put(_ entry: CatalogueEntry) async throws(CupoError) -> Applied {
    switch entry.content {
    case .resource(let resource):
      let answer = try await client.putResource(
        PutResourceRequest(resource, validateOnly: validateOnly))
      return Applied(
        entry: entry, version: answer.resource?.version ?? 0, impact: answer.impact ?? Impact())
    case .product(let product):
      let answer = try await client.putProduct(
        PutProductRequest(product, validateOnly: validateOnly))
      return Applied(
        entry: entry, version: answer.product?.version ?? 0, impact: answer.impact ?? Impact())
    }
  }

  private func failure(_ error: CupoError, _ entry: CatalogueEntry) -> Failure {
    var failure = Failure(error, language: language)
    let line = error.fieldViolations.first.map { entry.line(of: $0.field) } ?? entry.line
    failure.text = "\(name):\(line): \(entry.kind) `\(entry.id)`: \(failure.text)"
    return failure
  }
}

extension CatalogueApplier.Applied {
  var line: String {
    var text = "\(entry.kind) \(entry.id) version \(version)"
    if impact.reservationsAffected > 0 {
      text += ", \(impact.reservationsAffected) reservations affected"
    }
    if impact.unitsOvercommitted > 0 {
      text += ", \(impact.unitsOvercommitted) units overcommitted"
      if !impact.slotsOvercommitted.isEmpty {
        text += " (\(impact.slotsOvercommitted.joined(separator: ", ")))"
      }
    }
    return text
  }

  var json: JSONValue {
    .object([
      .init("kind", .string(entry.kind)), .init("id", .string(entry.id)),
      .init("version", .number("\(version)")), .init("impact", MessageJSON.value(impact)),
    ])
  }
}
