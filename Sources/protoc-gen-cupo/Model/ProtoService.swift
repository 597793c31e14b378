/// A service with its methods.
struct ProtoService {
  var name: String
  var fullName: String
  var comment: String
  var methods: [ProtoMethod]
}

/// One method of a service.
struct ProtoMethod {
  var name: String
  var comment: String
  /// Full names of the message types.
  var input: String
  var output: String
  var clientStreaming: Bool
  var serverStreaming: Bool
  var contract: MethodContract
}

/// What `cupo.contract.v1.MethodContract` says about a method; enums by number.
struct MethodContract: Equatable {
  var roles: [Int32] = []
  var ownership: Int32 = 0
  var idempotency: Int32 = 0
  var errors: [Int32] = []
  var deadlineMilliseconds: Int64 = 0
}
