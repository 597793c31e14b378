/// How many pages the write-ahead log had after the last commit. Told on the writer's thread, inside the commit.
final class LogGauge {
  var pages = 0
}
