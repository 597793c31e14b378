// Reflection tells clients such as grpcurl which services a server has and how their messages look, so that they need no
// proto files.
//
// It is a machine without I/O: a question in, its answer out. It is not for what a server is asked to do: it knows files,
// no handlers.
//
// Before changing it, know this: an answer has the file in question first and everything that it imports behind it, each
// once. Clients that know some of that already just skip it.

package import Protobuf
package import RPCSchema

/// Answers the questions of server reflection (grpc/reflection/v1/reflection.proto).
package struct Reflection: Sendable {
  private struct ExtensionKey: Hashable {
    let extendee: String
    let number: Int32
  }

  private let services: [String]
  private var files: [String: FileDescriptor] = [:]
  private var fileOfSymbol: [String: String] = [:]
  private var fileOfExtension: [ExtensionKey: String] = [:]

  /// - Parameters:
  ///   - services: The full names of all services that the server has.
  ///   - files: Every proto file that declares them, and all that these import.
  package init(services: [String], files: [FileDescriptor]) {
    self.services = services.sorted()
    for file in files { add(file) }
    if let file = files.first(where: { $0.symbols.contains(ServerReflection.name) }) {
      add(.reflectionV1Alpha(from: file))
    }
  }

  private mutating func add(_ file: FileDescriptor) {
    files[file.name] = file
    for symbol in file.symbols { fileOfSymbol[symbol] = file.name }
    for field in file.extensions {
      fileOfSymbol[field.name] = file.name
      fileOfExtension[ExtensionKey(extendee: field.extendee, number: field.number)] = file.name
    }
  }

  /// Answers one question. What cannot be answered is an answer as well, and the stream goes on.
  package func answer(_ request: ServerReflectionRequest) -> ServerReflectionResponse {
    var response = ServerReflectionResponse()
    response.validHost = request.host
    response.originalRequest = request
    response.messageResponse = answer(to: request.messageRequest)
    return response
  }

  private func answer(
    to question: ServerReflectionRequest.MessageRequest?
  ) -> ServerReflectionResponse.MessageResponse {
    switch question {
    case nil: Self.error(.invalidArgument, "the request has no question")
    case .listServices?: .listServicesResponse(listed)
    case .fileByFilename(let name)?: answer(file: files[name]?.name, "no file \(name)")
    case .fileContainingSymbol(let symbol)?:
      answer(file: fileOfSymbol[symbol], "no symbol \(symbol)")
    case .fileContainingExtension(let field)?:
      answer(
        file: fileOfExtension[
          ExtensionKey(extendee: field.containingType, number: field.extensionNumber)],
        "no extension \(field.extensionNumber) of \(field.containingType)")
    case .allExtensionNumbersOfType(let type)?: extensionNumbers(of: type)
    }
  }

  private var listed: ListServiceResponse {
    var list = ListServiceResponse()
    list.service = services.map { name in
      var service = ServiceResponse()
      service.name = name
      return service
    }
    return list
  }

  private func answer(
    file name: String?, _ otherwise: String
  ) -> ServerReflectionResponse.MessageResponse {
    guard let name else { return Self.error(.notFound, otherwise) }
    var response = FileDescriptorResponse()
    response.fileDescriptorProto = filesBehind(name).map(\.bytes)
    return .fileDescriptorResponse(response)
  }

  /// The file and everything that it imports, directly or not.
  private func filesBehind(_ name: String) -> [FileDescriptor] {
    var (names, found) = ([name], [FileDescriptor]())
    var index = 0
    while index < names.count {
      if let file = files[names[index]] {
        found.append(file)
        names += file.dependencies.filter { !names.contains($0) }
      }
      index += 1
    }
    return found
  }

  private func extensionNumbers(
    of type: String
  ) -> ServerReflectionResponse.MessageResponse {
    guard fileOfSymbol[type] != nil else { return Self.error(.notFound, "no type \(type)") }
    var response = ExtensionNumberResponse()
    response.baseTypeName = type
    response.extensionNumber =
      fileOfExtension.keys.filter { $0.extendee == type }.map(\.number).sorted()
    return .allExtensionNumbersResponse(response)
  }

  private static func error(
    _ code: StatusCode, _ message: String
  ) -> ServerReflectionResponse.MessageResponse {
    var response = ErrorResponse()
    response.errorCode = Int32(code.rawValue)
    response.errorMessage = message
    return .errorResponse(response)
  }
}
