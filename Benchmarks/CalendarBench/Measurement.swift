/// How long something took, time after time.
struct Measurement {
  let name: String
  let limitMilliseconds: Double?
  private var milliseconds: [Double] = []
  private var checksum: Int64 = 0

  /// - Parameter work: answers something that depends on all of its work, so that none of it is left out.
  init(_ name: String, limitMilliseconds: Double?, _ rounds: Int, _ work: () -> Int64) {
    self.name = name
    self.limitMilliseconds = limitMilliseconds
    checksum = work()
    for _ in 0..<rounds {
      let start = ContinuousClock.now
      let result = work()
      let elapsed = ContinuousClock.now - start
      precondition(result == checksum, "\(name) answers differently each time")
      milliseconds.append(elapsed / .milliseconds(1))
    }
    milliseconds.sort()
  }

  private func percentile(_ part: Double) -> Double {
    milliseconds[min(milliseconds.count - 1, Int(part * Double(milliseconds.count)))]
  }

  var isTooSlow: Bool { limitMilliseconds.map { percentile(0.5) > $0 } ?? false }

  var text: String {
    let label = name + String(repeating: " ", count: max(0, 32 - name.count))
    var text = "\(label) p50 \(format(percentile(0.5))) ms  p99 \(format(percentile(0.99))) ms"
    if let limit = limitMilliseconds { text += "  limit of p50 \(format(limit)) ms" }
    return isTooSlow ? text + "  TOO SLOW" : text
  }

  private func format(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
