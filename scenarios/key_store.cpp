#include "scenarios/key_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "node/base/error.hpp"
#include "node/net/curve_keys.hpp"
#include "scenarios/nearest_name.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw UserError(path.string() + ": " + what);
}

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void append_line(const fs::path& path, const std::string& line) {
  std::ofstream file(path, std::ios::app);
  file << line << '\n';
  file.close();
  if (!file) fail(path, "cannot be written");
}

}  // namespace

fs::path KeyStore::default_folder() {
  if (const char* const folder = std::getenv("HEARSAY_KEYS")) return folder;
  const char* const home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".config" / "hearsay" / "keys";
}

fs::path KeyStore::secret_file(const std::string& name) const { return folder_ / (name + ".key"); }

std::string KeyStore::make(const std::string& name) const {
  const bool is_plain =
      !name.empty() && name[0] != '.' && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
      });
  if (!is_plain) throw UserError("\"" + name + "\" is no name: use letters, digits, - _ .");
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail(folder_, "cannot be made (" + error.message() + ")");
  fs::permissions(folder_, fs::perms::owner_all, error);
  const KeyPair keys = make_key_pair();
  write_secret_key(secret_file(name), keys.secret_key);
  append_line(folder_ / (name + ".pub"), keys.public_key);
  return keys.public_key;
}

std::vector<StoredKey> KeyStore::list() const {
  const std::set<std::string> revoked = read_revoked_keys(revoked_file());
  std::vector<StoredKey> keys;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().extension() != ".pub") continue;
    const std::string key = first_line(entry.path());
    keys.push_back({.name = entry.path().stem().string(),
                    .public_key = key,
                    .is_revoked = revoked.contains(key)});
  }
  std::ranges::sort(keys, {}, &StoredKey::name);
  return keys;
}

std::string KeyStore::revoke(const std::string& name_or_key) const {
  std::string key = is_key(name_or_key) ? name_or_key : "";
  const std::vector<StoredKey> keys = list();
  std::vector<std::string_view> names;
  for (const StoredKey& stored : keys) {
    names.push_back(stored.name);
    if (stored.name == name_or_key) key = stored.public_key;
  }
  if (key.empty()) {
    const std::string known = names.empty() ? "none is there" : suggestion(name_or_key, names);
    throw UserError("no key \"" + name_or_key + "\" in " + folder_.string() + "; " + known);
  }
  if (!read_revoked_keys(revoked_file()).contains(key)) append_line(revoked_file(), key);
  return key;
}

std::string read_secret_key(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) fail(path, std::strerror(errno));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(path, "others may read this secret key; run: chmod 600 " + path.string());
  }
  const std::string key = first_line(path);
  if (!is_key(key)) fail(path, "holds no secret key");
  return key;
}

void write_secret_key(const fs::path& path, const std::string& secret_key) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) fail(path, errno == EEXIST ? "is there already" : std::strerror(errno));
  const std::string line = secret_key + "\n";
  const bool is_written = write(file, line.data(), line.size()) == std::ssize(line);
  if (close(file) != 0 || !is_written) fail(path, "cannot be written");
}

std::set<std::string> read_revoked_keys(const fs::path& path) {
  std::set<std::string> keys;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (is_key(line)) keys.insert(line);
  }
  return keys;
}

}  // namespace hearsay
