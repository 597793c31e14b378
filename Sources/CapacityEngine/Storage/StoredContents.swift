package import Capacity

/// Everything that a store holds, for whoever copies it elsewhere.
package protocol StoredContents: StoredLedger {
  /// What the store was given when it was created. It never changes.
  func identity() throws(StorageError) -> StoreIdentity

  /// The whole catalogue.
  func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product])

  /// The keys of adjustments behind `key` (nil: from the first) with what each came to, at most `limit`, in an order of the
  /// store's own that does not change. All other keys are in their reservations.
  func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)]
}
