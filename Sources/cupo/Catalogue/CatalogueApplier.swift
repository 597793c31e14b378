internal import CupoClient
internal import CupoSchema
internal import Protobuf

/// Puts the entries of a catalogue, one after another. Each is whole or not at all; the catalogue as a whole is not.
struct CatalogueApplier {
  let client: CupoClient
  /// Change nothing; find out what would become of it.
  var validateOnly = false
  var language = "en"

  /// Puts all entries, and calls `done` after each.
  ///
  /// - Throws: The first failure, with the file and line of the entry.
  func apply(_ file: CatalogueFile, done: (CatalogueChange) -> Void) async throws(Failure) {
    var news: Set<String> = []
    for entry in file.entries {
      do throws(CupoError) {
        let change = try await put(entry, news)
        if validateOnly, change.kind == .created, entry.kind == "resource" { news.insert(entry.id) }
        done(change)
      } catch {
        throw failure(error, entry)
      }
    }
  }

  // With nothing changed, a product whose resource is new finds it missing: then its own word must do.
  private func put(
    _ entry: CatalogueEntry, _ news: Set<String>
  ) async throws(CupoError) -> CatalogueChange {
    switch entry.content {
    case .resource(let resource):
      let before = try await present(resource)
      let answer = try await client.putResource(
        PutResourceRequest(resource, validateOnly: validateOnly))
      let after = answer.resource ?? resource
      return CatalogueChange(
        entry, from: before.map(MessageJSON.value), to: MessageJSON.value(after),
        version: after.version, impact: answer.impact ?? Impact())
    case .product(let product):
      let before = try await present(product)
      var after = product
      var impact = Impact()
      if news.isDisjoint(with: product.draws.map(\.resourceID)) {
        let answer = try await client.putProduct(
          PutProductRequest(product, validateOnly: validateOnly))
        (after, impact) = (answer.product ?? product, answer.impact ?? Impact())
      }
      return CatalogueChange(
        entry, from: before.map(MessageJSON.value), to: MessageJSON.value(after),
        version: after.version, impact: impact)
    }
  }

  private func present(_ resource: Resource) async throws(CupoError) -> Resource? {
    var request = GetResourceRequest()
    request.resourceID = resource.resourceID
    do throws(CupoError) {
      return try await client.getResource(request).resource
    } catch {
      if error.reason == .resourceNotFound { return nil }
      throw error
    }
  }

  private func present(_ product: Product) async throws(CupoError) -> Product? {
    var request = GetProductRequest()
    request.productID = product.productID
    do throws(CupoError) {
      return try await client.getProduct(request).product
    } catch {
      if error.reason == .productNotFound { return nil }
      throw error
    }
  }

  private func failure(_ error: CupoError, _ entry: CatalogueEntry) -> Failure {
    var failure = Failure(error, language: language)
    let line = error.fieldViolations.first.map { entry.line(of: $0.field) } ?? entry.line
    failure.text = "\(entry.file):\(line): \(entry.kind) `\(entry.id)`: \(failure.text)"
    return failure
  }
}
