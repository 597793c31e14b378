extension ServiceTable {
  /// The full names of the services that have a method here, in the order in which they came.
  package var services: [String] {
    var names: [String] = []
    for path in paths {
      // `/service/method`
      let parts = path.split(separator: "/")
      guard parts.count == 2, !names.contains(String(parts[0])) else { continue }
      names.append(String(parts[0]))
    }
    return names
  }
}
