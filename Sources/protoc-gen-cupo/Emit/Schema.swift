/// All files of a descriptor set, with what the emitters look up.
struct Schema {
  let files: [ProtoFile]
  private let swiftNames: [String: String]
  private let messagesByName: [String: ProtoMessage]
  private let enumsByName: [String: ProtoEnum]

  init(files: [ProtoFile]) {
    self.files = files
    var swiftNames: [String: String] = [:]
    var enums: [String: ProtoEnum] = [:]
    let messages = files.flatMap(\.messages).flatMap(\.withNested)
    for file in files {
      let prefix = file.package == "google.protobuf" ? "Protobuf" : ""
      for name in (file.messages.flatMap(\.withNested).map(\.fullName)) + file.enumNames {
        swiftNames[name] = prefix + name.dropFirst(file.package.count + 1)
      }
    }
    for enumeration in files.flatMap(\.enums) + messages.flatMap(\.enums) {
      enums[enumeration.fullName] = enumeration
    }
    self.swiftNames = swiftNames
    enumsByName = enums
    messagesByName = Dictionary(uniqueKeysWithValues: messages.map { ($0.fullName, $0) })
  }

  /// The Swift type of a message or enum.
  func swiftName(_ fullName: String) -> String { swiftNames[fullName] ?? fullName }

  func message(_ fullName: String) -> ProtoMessage? { messagesByName[fullName] }

  func enumeration(_ fullName: String) -> ProtoEnum? { enumsByName[fullName] }

  /// The messages that methods take.
  func requests(of module: Module) -> Set<String> {
    Set(files.filter(module.owns).flatMap(\.services).flatMap(\.methods).map(\.input))
  }

  /// The messages that clients send: requests, and what requests are made of.
  func inputMessages(of module: Module) -> Set<String> {
    var seen: Set<String> = []
    var waiting = files.filter(module.owns).flatMap(\.services).flatMap(\.methods).map(\.input)
    while let name = waiting.popLast() {
      guard seen.insert(name).inserted, let message = message(name) else { continue }
      for case .message(let part) in message.fields.map(\.kind) { waiting.append(part) }
    }
    return seen
  }
}

extension ProtoFile {
  /// The full names of all enums in the file.
  var enumNames: [String] {
    (enums + messages.flatMap(\.withNested).flatMap(\.enums)).map(\.fullName)
  }
}
