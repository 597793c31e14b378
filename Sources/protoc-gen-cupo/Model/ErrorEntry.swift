/// What `cupo.contract.v1.ErrorEntry` says about an error reason.
struct ErrorEntry: Equatable {
  var code = 0
  var cause = ""
  var mitigation = ""
  var owner = ""
  var retryable = false
  var textEnglish = ""
  var textSpanish = ""
}
