internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct ReserveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reserve",
    abstract: "Hold units of products until they are paid for: all lines or none.",
    discussion: """
      A line is PRODUCT, or PRODUCT@SLOT where the product has dates, and xN for N of them:

        cupo reserve mug x2 --ttl 10m
        cupo reserve boat-tour@2026-12-24T10:30:00-05:00 x4 mug --buyer ana
      """)

  @Argument(help: "What to hold: PRODUCT[@SLOT] [xN] …")
  var lines: [String]

  @Option(help: "How long to hold: 90s, 15m, 2h. Absent: what the products say.")
  var ttl: DurationArgument?

  @Option(help: "The idempotency key: send the same one again to repeat. Absent: a new one.")
  var key: String?

  @Option(help: "Whom to hold for. Absent: the caller.")
  var buyer = ""

  @Option(help: "Your own reference, as an order number.")
  var reference = ""

  @OptionGroup var options: ClientOptions

  func validate() throws {
    do throws(Expectation) {
      _ = try LineArguments.parse(lines)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func run() async throws {
    let request = try request()
    try await options.session { client in
      do throws(CupoError) {
        let response = try await client.reserve(request)
        ReservationOutput(options).show(
          response, response.reservation, response.replayed ? "answered before" : nil)
      } catch {
        // The one thing that a person needs to ask again safely.
        if key == nil, ExitStatus(error) == .unavailable {
          Terminal.complain("to ask again safely: --key \(request.idempotencyKey)")
        }
        throw error
      }
    }
  }

  func request() throws(Expectation) -> ReserveRequest {
    var request = ReserveRequest()
    request.lines = try LineArguments.parse(lines)
    request.idempotencyKey = key ?? TimeOrderedKey.make()
    request.ttl = ttl?.message
    request.buyerID = buyer
    request.reference = reference
    return request
  }
}
