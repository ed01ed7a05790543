// Recoverable errors (files, user input, messages) travel as values: `Result<T>` holds a T or an `Error`.
// Bugs assert. Nothing in the engine throws across a layer.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace unroll {

/// An error for a person: where it is, what was found, what to do about it.
struct Error {
  std::string where;  ///< field path ("lanes[0].hidden"), file name or character offset; may be empty
  std::string what;   ///< what was found and why it does not fit
  std::string hint;   ///< what is allowed or what to do next; may be empty

  /// One line: "lanes[0].hidden: 9000 is too large (allowed: 1 to 2048)". Whatever the parts quote, it is short and
  /// readable (utf8.h), so it can go to a terminal.
  std::string text() const;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}      // NOLINT: implicit by intent
  Result(Error error) : content_(std::move(error)) {}  // NOLINT: implicit by intent

  explicit operator bool() const { return content_.index() == 0; }
  T& value() { return std::get<0>(content_); }
  const T& value() const { return std::get<0>(content_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

/// For functions that have nothing to return but may fail: `Status s = f(); if (!s) …s.error()`.
using Status = Result<std::monostate>;
inline Status ok() { return std::monostate{}; }

}  // namespace unroll
