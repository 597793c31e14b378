internal import CapacityEngine

/// Long work on a store without a server: shows how far it is, and says in a sentence what is in its way.
enum StoreWork {
  /// - Parameter advice: what to do about an error of a kind, behind its sentence.
  static func run<Result>(
    on path: String, advice: [StorageError.Kind: String] = [:],
    _ work: (@escaping ProgressObserver) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    let display = ProgressDisplay.standard()
    do throws(StorageError) {
      let result = try work { display.show($0) }
      display.finish()
      return result
    } catch {
      display.finish()
      let status: ExitStatus = error.kind == .conflict ? .conflict : .unavailable
      throw Failure(status, error.detail + (advice[error.kind] ?? ""))
    }
  }
}
