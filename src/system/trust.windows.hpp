#pragma once

#include "handle.hpp"
#include "status.hpp"
#include "trust.hpp"
#include "win32.hpp"

#include <array>
#include <vector>

#include <aclapi.h>

VENV_DETAIL_BEGIN

/// The users and groups that are trusted here as root is elsewhere, and the one that this runs for.
class TrustedOwners {
public:
  TrustedOwners() {
    HANDLE token = nullptr;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) != 0) {
      const Handle opened = handle_from(token);
      DWORD size = 0;
      ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
      user_.resize(size);
      if (::GetTokenInformation(token, TokenUser, user_.data(), size, &size) == 0) user_.clear();
    }
    const WELL_KNOWN_SID_TYPE types[] = {WinLocalSystemSid, WinBuiltinAdministratorsSid,
                                         WinCreatorOwnerSid, WinCreatorOwnerRightsSid};
    for (std::size_t i = 0; i < system_.size(); ++i) {
      DWORD size = SECURITY_MAX_SID_SIZE;
      ::CreateWellKnownSid(types[i], nullptr, system_[i].data(), &size);
    }
  }
  /// The user whom this process runs for.
  bool is_user(PSID sid) const {
    return !user_.empty() &&
           ::EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(user_.data())->User.Sid) != 0;
  }
  bool includes(PSID sid) {
    for (auto& known : system_)
      if (::EqualSid(sid, known.data()) != 0) return true;
    return is_user(sid) || is_installer(sid);
  }

private:
  /// NT SERVICE\TrustedInstaller, to which Windows' own directories belong.
  static bool is_installer(PSID sid) {
    constexpr DWORD parts[] = {80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464};
    if (*::GetSidSubAuthorityCount(sid) != 6) return false;
    for (DWORD i = 0; i < 6; ++i)
      if (*::GetSidSubAuthority(sid, i) != parts[i]) return false;
    return true;
  }
  std::vector<unsigned char> user_{};
  std::array<std::array<unsigned char, SECURITY_MAX_SID_SIZE>, 4> system_{};
};

/// By which rights what lies in a directory, or it itself, can be replaced; and by which it is written.
inline constexpr DWORD rights_to_replace =
    DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL | FILE_DELETE_CHILD;
inline constexpr DWORD rights_to_write =
    rights_to_replace | GENERIC_WRITE | FILE_WRITE_DATA | FILE_APPEND_DATA;

/// Whether an open file or directory belongs to somebody who is trusted (`own`: to this user, or to
/// those who administer the machine when this user does), and nobody else has one of the `rights`.
VENV_INLINE bool is_closed_to_others(const Handle& file, DWORD rights, bool own) {
  PSID owner = nullptr;
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR memory = nullptr;
  constexpr SECURITY_INFORMATION parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  if (::GetSecurityInfo(handle_of(file), SE_FILE_OBJECT, parts, &owner, nullptr, &list, nullptr,
                        &memory) != ERROR_SUCCESS)
    return false;
  TrustedOwners trusted;
  // What an administrator makes belongs to the administrators.
  bool closed =
      list && owner && trusted.includes(owner) &&
      (!own || trusted.is_user(owner) || ::IsWellKnownSid(owner, WinBuiltinAdministratorsSid) != 0);
  for (DWORD i = 0; closed && i < list->AceCount; ++i) {
    void* entry = nullptr;
    if (::GetAce(list, i, &entry) == 0) closed = false;
    const auto* const header = static_cast<const ACE_HEADER*>(entry);
    if (!closed || (header->AceFlags & INHERIT_ONLY_ACE) != 0) continue;
    if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
    auto* const allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
    closed = header->AceType == ACCESS_ALLOWED_ACE_TYPE &&
             ((allowed->Mask & rights) == 0 || trusted.includes(&allowed->SidStart));
  }
  ::LocalFree(memory);
  return closed;
}

/// Whether an open file belongs to this user and nobody else can write it.
VENV_INLINE bool is_private_file(const Handle& file) {
  return is_closed_to_others(file, rights_to_write, true);
}

/// Whether nobody but this user and those who administer the machine can write an open file.
VENV_INLINE bool is_trusted_file(const Handle& file) {
  return is_closed_to_others(file, rights_to_write, false);
}

/// Whether nobody else can put another directory in the place of `directory` (without links) or of
/// one above it.
VENV_INLINE bool is_out_of_reach(const fs::path& directory) {
  for (fs::path above = directory;; above = above.parent_path()) {
    const Handle opened =
        open_existing(above, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
    if (!opened || !is_closed_to_others(opened, rights_to_replace, false)) return false;
    if (above == above.parent_path()) return true;
  }
}

/// Whether a directory is closed to others; `own`: and this user's.
VENV_INLINE bool is_closed_directory(const fs::path& path, bool own) {
  try {
    const auto real = resolved(path);
    if (!real) return false;
    const Handle opened =
        open_existing(*real, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
    return opened && status_of_open(opened, *real).kind == FileKind::directory &&
           is_closed_to_others(opened, rights_to_write, own) && is_out_of_reach(*real) &&
           is_out_of_reach(path.parent_path());
  } catch (const std::exception&) {
    return false;
  }
}

VENV_INLINE bool is_private_directory(const fs::path& path) {
  return is_closed_directory(path, true);
}

VENV_INLINE bool is_trusted_directory(const fs::path& path) {
  return is_closed_directory(path, false);
}

/// Makes the missing directories, but not where somebody else rules. Their list of rights is that of
/// the one above.
VENV_INLINE void make_private_directories(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::missing || !directory.has_relative_path())
    return;
  make_private_directories(directory.parent_path());
  const auto real = resolved(directory.parent_path());
  if (real && is_out_of_reach(*real)) ::CreateDirectoryW(native_of(directory).c_str(), nullptr);
}

VENV_INLINE bool make_private_directory(const fs::path& directory) {
  try {
    make_private_directories(directory);
  } catch (const std::exception&) {
    return false;
  }
  return is_private_directory(directory);
}

VENV_DETAIL_END
