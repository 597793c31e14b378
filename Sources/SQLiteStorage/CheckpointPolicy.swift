/// When the write-ahead log is moved into the database.
struct CheckpointPolicy {
  /// By so many pages the log grows before the background thread moves them: 16 MiB.
  var pagesBetween: Int
  /// When the background leaves at most so many pages behind, the writer moves them itself: 2 MiB.
  var pagesToFinish: Int
  /// From so many pages on the writer itself empties the log: 256 MiB.
  var pagesMax: Int

  /// For a file whose pages have so many bytes.
  init(pageBytes: Int) {
    pagesBetween = 16 << 20 / pageBytes
    pagesToFinish = 2 << 20 / pageBytes
    pagesMax = 256 << 20 / pageBytes
  }
}
