internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// A response that says which instant it is true for.
protocol DatedResponse: Message {
  var asOf: ProtobufTimestamp? { get set }
}

extension GetAvailabilityResponse: DatedResponse {}
extension GetCalendarResponse: DatedResponse {}

/// What is to be read for one question, and what is made of it. A value without a caller: whoever asks the same is told the same.
protocol PlannedAnswer: Sendable {
  associatedtype Response: DatedResponse

  /// What it is a plan of.
  var offer: Offer { get }
  /// What is to be read.
  var question: ListQuestion { get }

  /// The answer by `reading`.
  func worked(_ reading: Reading) -> WorkedAnswer<Response>
}

/// An answer as it was worked out, but for the instant, and how long it stays so where nobody changes anything.
struct WorkedAnswer<Response: DatedResponse>: Sendable {
  /// The fields before the instant.
  var response: Response
  /// The fields behind it.
  var behind = Response()
  /// What time alone changes next.
  private(set) var until = Instant.distantFuture
  /// The day that it was planned for.
  let today: SameDay

  init(_ response: Response, today: SameDay) {
    self.response = response
    self.today = today
  }

  /// Something changes by time alone at `instant`; nil: never.
  mutating func lasts(until instant: Instant?) {
    if let instant { until = min(until, instant) }
  }
}
