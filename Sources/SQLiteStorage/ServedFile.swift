/// The file of a store that is served, for all connections to it.
struct ServedFile: Sendable {
  let path: String
  let turns = WriteTurns()
}
