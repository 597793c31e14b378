internal import CupoSchema
internal import Protobuf

/// Shows what a call answered about a reservation.
struct ReservationOutput {
  private let options: ClientOptions

  init(_ options: ClientOptions) {
    self.options = options
  }

  func show<M: Message>(_ response: M, _ reservation: Reservation?, _ note: String? = nil) {
    if options.json {
      Terminal.write(MessageJSON.value(response).pretty)
      return
    }
    guard let reservation else { return }
    let lines = ReservationText.lines(
      reservation, now: SystemClock.seconds(), on: .standard)
    for line in lines { Terminal.write(line) }
    if let note { Terminal.write("  note: \(note)") }
  }
}
