package import Protobuf

/// Server reflection under the name of its first version, which older clients still ask for.
///
/// Its messages are those of `grpc.reflection.v1`, byte for byte.
package enum ServerReflectionV1Alpha {
  /// The full name, the first part of the method's path.
  package static let name = "grpc.reflection.v1alpha.ServerReflection"

  /// Answers each question on the stream, in order.
  package static let serverReflectionInfo = Method<
    ServerReflectionRequest, ServerReflectionResponse
  >(service: name, name: "ServerReflectionInfo", clientStreaming: true, serverStreaming: true)
}
