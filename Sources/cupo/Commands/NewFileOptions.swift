internal import ArgumentParser
internal import CapacityEngine

/// What the commands take that write what a store holds into a file.
struct NewFileOptions: ParsableArguments {
  @Argument(help: "The file that is written.")
  var file: String

  @Flag(help: "Replace the file if it is there.")
  var overwrite = false

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  /// Long work that makes the file.
  /// - Parameter path: what it is about, for whoever watches it.
  func run<Result>(
    on path: String, _ work: (@escaping ProgressObserver) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    try StoreWork.run(on: path, advice: [.conflict: "; --overwrite replaces it"], work)
  }

  /// Shows one state of all that the store has to `body`, which fills the file: it is in its place when all of it is there.
  func write<Result>(
    _ body: (any StoredContents, _ isServed: Bool, FileWriter, @escaping ProgressObserver)
      throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    try run(on: file) { (observer) throws(StorageError) in
      let target = try FileWriter(path: file, isReplacing: overwrite)
      let result = try store.readContents { (contents, isServed) throws(StorageError) in
        try body(contents, isServed, target, observer)
      }
      try target.finish()
      return result
    }
  }
}
