#pragma once

#include "../api/error.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

VENV_BEGIN

/// What is known besides the message. It is not changed once another error may share it.
struct Error::Detail {
  std::string step{};
  std::filesystem::path path{};
  std::string hint{};
  std::string output{};
  std::error_code system_error{};
  std::optional<int> exit_code{};
};

VENV_INLINE Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error(message), code_(code), detail_(std::make_shared<const Detail>()) {}

VENV_INLINE const std::string& Error::step() const noexcept { return detail_->step; }
VENV_INLINE const std::filesystem::path& Error::path() const noexcept { return detail_->path; }
VENV_INLINE const std::string& Error::hint() const noexcept { return detail_->hint; }
VENV_INLINE const std::string& Error::output() const noexcept { return detail_->output; }
VENV_INLINE std::error_code Error::system_error() const noexcept { return detail_->system_error; }
VENV_INLINE std::optional<int> Error::exit_code() const noexcept { return detail_->exit_code; }

/// A detail of this error's own, to be changed at once: whether the old one is shared cannot be
/// known while other threads copy.
VENV_INLINE Error::Detail& Error::renew() {
  auto own = std::make_shared<Detail>(*detail_);
  Detail& detail = *own;
  detail_ = std::move(own);
  return detail;
}

VENV_INLINE std::string name_of(ErrorCode code) {
  switch (code) {
  case ErrorCode::invalid_argument: return "invalid-argument";
  case ErrorCode::python_not_found: return "python-not-found";
  case ErrorCode::python_unusable: return "python-unusable";
  case ErrorCode::python_unsupported: return "python-unsupported";
  case ErrorCode::not_an_environment: return "not-an-environment";
  case ErrorCode::command_failed: return "command-failed";
  case ErrorCode::pip_unavailable: return "pip-unavailable";
  case ErrorCode::bad_archive: return "bad-archive";
  case ErrorCode::busy: return "busy";
  case ErrorCode::interrupted: return "interrupted";
  case ErrorCode::python_gone: return "python-gone";
  case ErrorCode::io:
  default: return "io";
  }
}

VENV_INLINE Error& Error::at(std::string step) {
  renew().step = std::move(step);
  return *this;
}

VENV_INLINE Error& Error::on(std::filesystem::path path) {
  renew().path = std::move(path);
  return *this;
}

VENV_INLINE Error& Error::advise(std::string hint) {
  renew().hint = std::move(hint);
  return *this;
}

VENV_INLINE Error& Error::printed(std::string output) {
  renew().output = std::move(output);
  return *this;
}

VENV_INLINE Error& Error::caused_by(std::error_code system_error) {
  renew().system_error = system_error;
  return *this;
}

VENV_INLINE Error& Error::exited_with(int exit_code) {
  renew().exit_code = exit_code;
  return *this;
}

VENV_END
