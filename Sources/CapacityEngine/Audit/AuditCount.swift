/// Counts the records that an audit or a transfer has seen, and tells an observer now and then.
struct AuditCount {
  // Observers look at a clock; records are far cheaper than that.
  private static let toldEvery = 1_000

  private let observer: ProgressObserver?
  private let step: String
  private let total: Int
  private var done = 0

  init(
    _ store: any StoredLedger, _ observer: ProgressObserver?, step: String = "verifying"
  ) throws(StorageError) {
    self.observer = observer
    self.step = step
    // The estimate is for looking at only.
    total =
      observer == nil
      ? 0 : try RecordCount.events(store) + RecordCount.reservations(store)
  }

  mutating func add(_ count: Int) {
    guard let observer else { return }
    let before = done
    done += count
    guard before == 0 || before / Self.toldEvery != done / Self.toldEvery else { return }
    observer(WorkProgress(step, done: done, of: max(total, done), .records))
  }
}
