#pragma once

#include <sys/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace httplib {
class Client;
}

namespace hearsay {

/// A headless Chromium of Debian, steered through its WebDriver (https://www.w3.org/TR/webdriver).
/// Gone with the object. All functions fail by std::runtime_error.
class Browser {
 public:
  /// True if Chromium and its driver are installed.
  static bool is_installed();

  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Loads a page and waits until it is there.
  void open(const std::string& url);

  /// What a script returns.
  nlohmann::json run(const std::string& script);

  /// Types into the first element that a CSS selector finds.
  void type(const std::string& selector, const std::string& keys);

  void click(const std::string& selector);

  /// What has come since the last call: "browser" are messages of the console, "performance"
  /// what DevTools report, such as requests.
  nlohmann::json log(const std::string& type);

  /// A picture of the window, as PNG in base 64.
  std::string screenshot();

 private:
  nlohmann::json post(const std::string& path, const nlohmann::json& body);
  std::string element(const std::string& selector);

  pid_t driver_ = -1;
  std::unique_ptr<httplib::Client> client_;
  std::string session_;
};

}  // namespace hearsay
