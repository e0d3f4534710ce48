#pragma once

#include "../config.hpp"

#include <filesystem>
#include <string>
#include <vector>

VENV_BEGIN

/// A file of an installed distribution, as its RECORD has it.
struct DistributionFile {
  std::string path; ///< relative to `Distribution::directory`, with `/`; may lead out of it
  std::string hash; ///< such as `sha256=...`; empty: RECORD has none
  std::string size; ///< in bytes; empty: RECORD has none
};

/// A distribution that is installed in a directory of packages. What it says of itself is given as it
/// stands there: who acts on it must not trust it.
struct Distribution {
  std::string name{};            ///< as its metadata spells it
  std::string normalized_name{}; ///< lower case, one dash for each run of `-`, `_` and `.`
  std::string version{};         ///< as its metadata spells it
  std::vector<std::string> requirements{}; ///< `Requires-Dist`, in the form of PEP 508
  std::vector<std::string> extras{};       ///< the names that it offers (`Provides-Extra`)
  std::string requires_python{};           ///< the Pythons that it is for; empty: all
  std::string installer{};                 ///< what installed it, such as `pip`; empty: not known
  bool is_requested = false;               ///< it was asked for, not brought by another (PEP 376)
  std::string direct_url{}; ///< from where it was installed, if from no index (PEP 610)
  bool is_editable = false; ///< it is imported from its source tree
  std::string project{};    ///< that tree, for an `.egg-link`; else empty
  bool has_record = false;  ///< `files` is known
  std::vector<DistributionFile> files{}; ///< everything that was installed
  std::filesystem::path directory{};     ///< in which it lies
  std::string metadata{}; ///< the name there of what describes it: `demo-1.0.dist-info`
  /// What is wrong with it, one plain line; empty: nothing. One without a name and a version that can
  /// be read counts as not installed.
  std::string damage{};
};

/// A requirement that what is installed does not meet.
struct Missing {
  /// Why it isn't met.
  enum class Reason {
    absent,        ///< it isn't installed
    other_version, ///< it is, in a version that is not allowed
    other_source,  ///< it is, but not from the URL that is required
    unreadable,    ///< the requirement can't be read or can't be decided
  };

  Reason reason = Reason::absent; ///< why
  std::string requirement{};      ///< such as `flask[async]>=3`, without its marker
  std::string
      required_by{};  ///< a distribution and its version, or a file and a line; empty: the caller
  std::string name{}; ///< the project that is required, in its normal form
  std::string installed{}; ///< the version that is there; empty: none
  std::string detail{};    ///< what can't be read; empty for the other reasons
};

VENV_END
