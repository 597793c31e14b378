internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Protobuf

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the products or the resources.")

  /// What can be listed.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case products, resources
  }

  @Argument(help: "products or resources.")
  var kind: Kind

  @Option(help: "Only of this seller.")
  var seller = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      switch kind {
      case .products: try await products(client)
      case .resources: try await resources(client)
      }
    }
  }

  private func products(_ client: CupoClient) async throws(CupoError) {
    var request = ListProductsRequest()
    request.sellerID = seller
    var answer = try await client.listProducts(request)
    while !answer.nextPageToken.isEmpty {
      request.pageToken = answer.nextPageToken
      let page = try await client.listProducts(request)
      answer.products += page.products
      answer.nextPageToken = page.nextPageToken
    }
    show(answer, CatalogueTable.lines(answer.products, on: .standard))
  }

  private func resources(_ client: CupoClient) async throws(CupoError) {
    var request = ListResourcesRequest()
    request.sellerID = seller
    var answer = try await client.listResources(request)
    while !answer.nextPageToken.isEmpty {
      request.pageToken = answer.nextPageToken
      let page = try await client.listResources(request)
      answer.resources += page.resources
      answer.nextPageToken = page.nextPageToken
    }
    show(answer, CatalogueTable.lines(answer.resources, on: .standard))
  }

  private func show(_ answer: some Message, _ lines: [String]) {
    for line in options.json ? [MessageJSON.value(answer).pretty] : lines { Terminal.write(line) }
  }
}
