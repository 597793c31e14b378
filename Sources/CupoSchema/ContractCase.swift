internal import Protobuf

/// One case of the contract suite: a call that must be answered INVALID_ARGUMENT, naming one field.
package struct ContractCase: Hashable, Sendable {
  /// The method's `:path`.
  package let path: String
  /// Names the case in reports, as in `lines[0].product_id maxLength`.
  package let name: String
  /// The field that the answer's BadRequest must name.
  package let field: String
  package let rule: RuleKind
  /// What the answer's BadRequest says about it.
  package let description: String
  /// The request in wire form.
  package let payload: [UInt8]

  static func cases<Request, Response>(
    _ method: Method<Request, Response>, _ violating: [ViolatingCase<Request>]
  ) -> [ContractCase] {
    violating.map { one in
      ContractCase(
        path: method.path, name: one.name, field: one.field, rule: one.rule,
        description: one.description, payload: one.request.encoded())
    }
  }
}
