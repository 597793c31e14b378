/// What a value should have been: the part of a sentence before "not …".
struct Expectation: Error, Equatable {
  var message: String
}
