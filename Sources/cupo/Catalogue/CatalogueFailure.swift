/// Everything that is wrong with a catalogue file.
struct CatalogueFailure: Error, Equatable {
  /// One thing that is wrong, and where.
  struct Problem: Equatable {
    /// From 1.
    var line: Int
    var message: String
  }

  var file: String
  var problems: [Problem]
  /// Of a folder: what is wrong with its other files.
  var others: [CatalogueFailure] = []

  /// One line a problem, as editors and CI logs link them.
  var text: String {
    (problems.map { "\(file):\($0.line): \($0.message)" } + others.map(\.text))
      .joined(separator: "\n")
  }
}
