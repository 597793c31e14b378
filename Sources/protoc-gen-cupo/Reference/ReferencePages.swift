/// The pages of docs/reference, written from the comments and options of the proto files.
enum ReferencePages {
  static func pages(_ schema: Schema) -> [(name: String, text: String)] {
    let files = schema.files.filter { $0.package.hasPrefix("cupo.") }
    var pages = files.flatMap(\.services).map { service in
      (name: service.name, text: ServicePage(schema: schema, service: service).emit())
    }
    if let reasons = schema.enumeration("\(Module.contractPackage).ErrorReason") {
      pages.append((name: "errors", text: ErrorPage.emit(reasons)))
    }
    return pages
  }
}
