internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A Unix domain socket that is bound to a path: the file that stands for it, and its end.
struct UnixSocket: Sendable {
  /// Why a path cannot be bound: a sentence.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let path: String
  /// To be given to whoever listens; closing it is theirs.
  let descriptor: Int32
  private let device: UInt64
  private let inode: UInt64

  /// Binds `path`. A socket file that nobody listens on is replaced; anything else that is there is left alone.
  ///
  /// - Parameter mode: Who may connect, as in `0o600`. It holds before the first caller can.
  /// - Throws: ``Failure``.
  static func bind(_ path: String, mode: UInt16) throws -> UnixSocket {
    let address = try Self.address(path)
    try removeStale(path, address)
    let descriptor = try open(path)
    do {
      try unsafe address.withSockAddr { pointer, size in
        guard unsafe systemBind(descriptor, pointer, socklen_t(size)) == 0 else {
          throw fault(path)
        }
      }
      // Nobody can connect before somebody listens, so the mode comes in time.
      guard unsafe chmod(path, mode_t(mode)) == 0, let file = status(path) else {
        throw fault(path)
      }
      return UnixSocket(
        path: path, descriptor: descriptor, device: UInt64(file.st_dev), inode: UInt64(file.st_ino))
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Removes the file, unless another server has put its own there.
  func remove() {
    guard let file = Self.status(path), UInt64(file.st_dev) == device,
      UInt64(file.st_ino) == inode
    else { return }
    unsafe unlink(path)
  }

  private static func address(_ path: String) throws -> SocketAddress {
    do {
      return try SocketAddress(unixDomainSocketPath: path)
    } catch {
      throw Failure(description: "\(path) is too long for the path of a socket (107 bytes)")
    }
  }

  private static func open(_ path: String) throws -> Int32 {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw fault(path) }
    return descriptor
  }

  // Two servers that start on one stale file at the same time can still take it from each other; the later one has it.
  private static func removeStale(_ path: String, _ address: SocketAddress) throws {
    guard let file = status(path) else { return }
    guard file.st_mode & S_IFMT == S_IFSOCK else {
      throw Failure(description: "\(path) is there already, and is no socket")
    }
    let descriptor = try open(path)
    defer { close(descriptor) }
    let isRefused = unsafe address.withSockAddr { pointer, size in
      unsafe systemConnect(descriptor, pointer, socklen_t(size)) != 0 && errno == ECONNREFUSED
    }
    guard isRefused else { throw Failure(description: "another process listens there") }
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw fault(path) }
  }

  private static func status(_ path: String) -> stat? {
    var file = stat()
    return unsafe lstat(path, &file) == 0 ? file : nil
  }

  private static func fault(_ path: String) -> Failure {
    Failure(description: "\(path): \(SystemFault().text)")
  }
}

// By other names: inside the type, `bind` is its own.
private func systemBind(
  _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
) -> Int32 {
  unsafe bind(descriptor, address, size)
}

private func systemConnect(
  _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
) -> Int32 {
  unsafe connect(descriptor, address, size)
}
