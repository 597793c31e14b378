/// When the write-ahead log is moved into the database.
///
/// Often, and a little at a time: while much is moved at once, commits wait for the disk behind it. With less than 2 MiB, pages that change often are
/// moved more often than they need be. docs/performance.md has what was measured.
struct CheckpointPolicy {
  /// By so many pages the log grows before the background thread moves them: 2 MiB.
  var pagesBetween: Int
  /// When the background leaves at most so many pages behind, the writer moves them itself: 256 KiB.
  var pagesToFinish: Int
  /// From so many pages on the writer itself empties the log: 256 MiB.
  var pagesMax: Int

  /// For a file whose pages have so many bytes.
  init(pageBytes: Int) {
    pagesBetween = 2 << 20 / pageBytes
    pagesToFinish = 256 << 10 / pageBytes
    pagesMax = 256 << 20 / pageBytes
  }
}
