/// Why nothing was generated: a sentence for the person who ran the generator.
struct GeneratorError: Error, Equatable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
