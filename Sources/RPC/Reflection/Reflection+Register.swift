package import Protobuf
internal import RPCSchema

extension Reflection {
  /// Adds reflection for all that `table` has, itself included, under the names of both of its versions. Open to every
  /// caller.
  ///
  /// - Parameter files: Every proto file that declares the services, and all that these import.
  package static func register(in table: inout ServiceTable, files: [FileDescriptor]) {
    let own = [ServerReflection.name, ServerReflectionV1Alpha.name]
    let reflection = Reflection(services: table.services + own, files: files)
    for method in [
      ServerReflection.serverReflectionInfo, ServerReflectionV1Alpha.serverReflectionInfo,
    ] {
      table.bidirectional(method) { (requests, _, writer) async throws(RPCError) in
        for try await request in requests { try await writer.send(reflection.answer(request)) }
      }
    }
  }
}
