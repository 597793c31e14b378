/// Why the engine gave no answer. Nothing was decided, and nothing was changed that the caller was told of.
package enum EngineError: Error, Equatable {
  /// The store cannot be read or written now. A write may or may not have happened; its key tells.
  case storageUnavailable
  /// More is waiting than the engine lets wait, or the caller would have to wait for longer than it can.
  case overloaded
  /// The caller had stopped waiting before its turn came.
  case tooLate
  /// The engine is going down.
  case stopping
}
