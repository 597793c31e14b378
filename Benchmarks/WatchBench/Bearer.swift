import Foundation
import RPC

/// Who the benchmark is: the bearer of the token in CUPO_TOKEN.
enum Bearer {
  static let value = ProcessInfo.processInfo.environment["CUPO_TOKEN"].map { "Bearer \($0)" }

  static var metadata: Metadata {
    var metadata = Metadata()
    if let value { metadata.append("authorization", value) }
    return metadata
  }
}
