/// The byte that says what an event's body is about.
enum SubjectTag: UInt8 {
  case reservation = 1
  case resource, product, pool, gap
}
