internal import CupoSchema

/// Colours of a terminal (ECMA-48, SGR).
enum TextColor: Int {
  case red = 31
  case green = 32
  case yellow = 33
  case cyan = 36
  case gray = 90

  func paint(_ text: String, on terminal: Terminal) -> String {
    terminal.hasColor ? "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" : text
  }

  init(_ status: AvailabilityStatus) {
    switch status {
    case .available: self = .green
    case .limited, .insufficient: self = .yellow
    case .heldOnly: self = .cyan
    case .soldOut: self = .red
    default: self = .gray
    }
  }
}
