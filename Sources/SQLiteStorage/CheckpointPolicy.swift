/// When the write-ahead log is moved into the database.
struct CheckpointPolicy {
  /// By so many pages the log grows before the background thread moves them: 16 MiB.
  var pagesBetween = 16 << 20 / Schema.pageBytes
  /// When the background leaves at most so many pages behind, the writer moves them itself: 2 MiB.
  var pagesToFinish = 2 << 20 / Schema.pageBytes
  /// From so many pages on the writer itself empties the log: 256 MiB.
  var pagesMax = 256 << 20 / Schema.pageBytes
}
