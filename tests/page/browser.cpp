#include "tests/page/browser.hpp"

#include <httplib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <utility>

namespace hearsay {
namespace {

using Json = nlohmann::json;

// Where the driver says which port it took.
constexpr std::string_view kReady = "was started successfully on port ";

bool is_in_path(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

/// Starts the driver on a free port.
std::pair<pid_t, int> start_driver() {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execlp("chromedriver", "chromedriver", "--port=0", nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::FILE* const lines = fdopen(ends[0], "r");
  char line[512];
  while (std::fgets(line, sizeof line, lines) != nullptr) {
    const std::string text = line;
    const std::size_t at = text.find(kReady);
    if (at == std::string::npos) continue;
    // The pipe stays open: the driver may write on.
    return {child, std::stoi(text.substr(at + kReady.size()))};
  }
  throw std::runtime_error("chromedriver did not start");
}

}  // namespace

bool Browser::is_installed() { return is_in_path("chromium") && is_in_path("chromedriver"); }

Browser::Browser() {
  const auto [driver, port] = start_driver();
  driver_ = driver;
  client_ = std::make_unique<httplib::Client>("127.0.0.1", port);
  client_->set_read_timeout(60);
  const Json options{{"args",
                      {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                       "--window-size=1280,1000"}}};
  const Json wanted{{"browserName", "chrome"},
                    {"goog:chromeOptions", options},
                    {"goog:loggingPrefs", {{"browser", "ALL"}, {"performance", "ALL"}}}};
  const Json session = post("/session", {{"capabilities", {{"alwaysMatch", wanted}}}});
  session_ = "/session/" + session.at("sessionId").get<std::string>();
}

Browser::~Browser() {
  if (!session_.empty()) client_->Delete(session_);
  kill(-driver_, SIGTERM);
  waitpid(driver_, nullptr, 0);
}

void Browser::open(const std::string& url) { post(session_ + "/url", {{"url", url}}); }

Json Browser::run(const std::string& script) {
  return post(session_ + "/execute/sync", {{"script", script}, {"args", Json::array()}});
}

void Browser::type(const std::string& selector, const std::string& keys) {
  post(session_ + "/element/" + element(selector) + "/value", {{"text", keys}});
}

void Browser::click(const std::string& selector) {
  post(session_ + "/element/" + element(selector) + "/click", Json::object());
}

Json Browser::log(const std::string& type) { return post(session_ + "/se/log", {{"type", type}}); }

std::string Browser::screenshot() {
  const auto answer = client_->Get(session_ + "/screenshot");
  if (!answer) throw std::runtime_error("the browser does not answer");
  return Json::parse(answer->body).at("value").get<std::string>();
}

std::string Browser::element(const std::string& selector) {
  const Json found = post(session_ + "/element", {{"using", "css selector"}, {"value", selector}});
  return found.begin().value().get<std::string>();
}

Json Browser::post(const std::string& path, const Json& body) {
  const auto answer = client_->Post(path, body.dump(), "application/json");
  if (!answer) throw std::runtime_error("the browser does not answer");
  Json value = Json::parse(answer->body).at("value");
  if (answer->status != 200) throw std::runtime_error(value.at("message").get<std::string>());
  return value;
}

}  // namespace hearsay
