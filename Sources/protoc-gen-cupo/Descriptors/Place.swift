/// Where in a file a declaration stands: its scope, and its path for the comments.
struct Place {
  var scope: String
  var path: [Int32]
  var comments: Comments

  var comment: String { comments[path] }

  func fullName(_ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }

  /// The place of the `index`-th declaration of one kind inside `name`.
  func inside(_ name: String, _ kind: Int32, _ index: Int) -> Place {
    Place(scope: fullName(name), path: path + [kind, Int32(index)], comments: comments)
  }
}
