internal import ArgumentParser
internal import CupoSchema

/// A type of event by its name, as in `reservation-held`.
struct EventTypeArgument: ExpressibleByArgument, Equatable {
  let type: EventType

  init?(argument: String) {
    let known = EventType.allCases.filter { $0 != .unspecified }
    guard let type = known.first(where: { Self.name(of: $0) == argument.lowercased() }) else {
      return nil
    }
    self.type = type
  }

  static func name(of type: EventType) -> String {
    String("\(type)".lowercased().map { $0 == "_" ? "-" : $0 })
  }
}
