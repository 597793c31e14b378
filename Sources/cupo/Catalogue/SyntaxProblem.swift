internal import Yams

/// Where YAML itself stopped to understand.
enum SyntaxProblem {
  static func of(_ error: any Error) -> CatalogueFailure.Problem {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      CatalogueFailure.Problem(line: mark.line, message: "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      CatalogueFailure.Problem(
        line: context.mark.line,
        message: "written twice: \(keys.map { "`\($0)`" }.joined(separator: ", "))")
    default: CatalogueFailure.Problem(line: 1, message: "this is not YAML: \(error)")
    }
  }
}
