/// When the write-ahead log is moved into the database. Pages have 8192 bytes.
struct CheckpointPolicy {
  /// By so many pages the log grows before the background thread moves them: 16 MiB.
  var pagesBetween = 2048
  /// When the background leaves at most so many pages behind, the writer moves them itself: 2 MiB.
  var pagesToFinish = 256
  /// From so many pages on the writer itself empties the log: 256 MiB.
  var pagesMax = 32_768
}
