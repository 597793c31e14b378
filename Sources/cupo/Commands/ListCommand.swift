internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Protobuf

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List products, resources or reservations.",
    subcommands: [
      ListProductsCommand.self, ListResourcesCommand.self, ListReservationsCommand.self,
    ])
}

struct ListProductsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products", abstract: "List the products.")

  @Option(help: "Only of this seller.")
  var seller = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      var request = ListProductsRequest()
      request.sellerID = seller
      var answer = try await client.listProducts(request)
      while !answer.nextPageToken.isEmpty {
        request.pageToken = answer.nextPageToken
        let page = try await client.listProducts(request)
        answer.products += page.products
        answer.nextPageToken = page.nextPageToken
      }
      options.show(answer, CatalogueTable.lines(answer.products, on: .standard))
    }
  }
}

struct ListResourcesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resources", abstract: "List the resources.")

  @Option(help: "Only of this seller.")
  var seller = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      var request = ListResourcesRequest()
      request.sellerID = seller
      var answer = try await client.listResources(request)
      while !answer.nextPageToken.isEmpty {
        request.pageToken = answer.nextPageToken
        let page = try await client.listResources(request)
        answer.resources += page.resources
        answer.nextPageToken = page.nextPageToken
      }
      options.show(answer, CatalogueTable.lines(answer.resources, on: .standard))
    }
  }
}
