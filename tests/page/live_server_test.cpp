// A run that is followed while it goes on.

#include "node/live_server.hpp"

#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "node/base/error.hpp"
#include "results/report_json.hpp"
#include "scenarios/run_report.hpp"
#include "tests/page/browser.hpp"
#include "tests/results/run_files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

/// Remembers what it is told.
class Remembering final : public RunListener {
 public:
  void on_begun(const std::filesystem::path&) override { told_.push_back("begun"); }
  void on_progress(const RunProgress&) override { told_.push_back("progress"); }
  void on_evaluated(const MetricsRow&) override { told_.push_back("evaluated"); }
  void on_warning(const std::string& line) override { told_.push_back(line); }

  std::vector<std::string> told_;
};

class LiveServerTest : public testing::Test {
 protected:
  void SetUp() override {
    RunDirectory directory = write_small_run(path_);
    directory.write_scenario(
        "name: small\npeers: 3\ntopology: {kind: ring}\nmodel: {kind: quadratic}\n");
    server_ = std::make_unique<LiveServer>(LiveOptions{}, told_);
  }

  std::string get(const std::string& path) const {
    httplib::Client client(server_->url().substr(0, server_->url().size() - 1));
    const auto answer = client.Get(path);
    return answer && answer->status == 200 ? answer->body : "";
  }

  const TemporaryDirectory temporary_;
  const std::filesystem::path path_ = temporary_.path() / "run";
  Remembering told_;
  std::unique_ptr<LiveServer> server_;
};

TEST_F(LiveServerTest, ListensOnThisMachineAlone) {
  EXPECT_EQ(server_->url().find("http://127.0.0.1:"), 0U);
}

TEST_F(LiveServerTest, TellsTheListenerThatItWraps) {
  server_->on_begun(path_);
  server_->on_progress({});
  server_->on_evaluated({});
  server_->on_warning("look out");
  EXPECT_EQ(told_.told_, (std::vector<std::string>{"begun", "progress", "evaluated", "look out"}));
}

TEST_F(LiveServerTest, CountsForPrometheus) {
  server_->on_progress({.peer_rounds_done = 7, .train_samples = 640, .now = {1'500'000'000}});
  server_->on_evaluated({.round = 2, .loss_mean = 0.25, .bytes_sent = 1000});
  const std::string text = get("/metrics");
  for (const char* const line :
       {"# TYPE hearsay_peer_rounds_total counter\nhearsay_peer_rounds_total 7\n",
        "\nhearsay_train_samples_total 640\n", "\nhearsay_virtual_time_seconds 1.5\n",
        "\nhearsay_loss_mean 0.25\n", "\nhearsay_bytes_sent_total 1000\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
  EXPECT_EQ(text.find("accuracy"), std::string::npos) << "an accuracy that was not measured";
}

TEST_F(LiveServerTest, SendsTheDataOfAReportAndTheEnd) {
  server_->on_begun(path_);
  const std::string address = server_->url().substr(0, server_->url().size() - 1);
  std::string events;
  std::promise<void> first_came;
  std::thread reader([&] {
    httplib::Client client(address);
    client.Get("/events", [&](const char* data, std::size_t size) {
      if (events.empty()) first_came.set_value();
      events.append(data, size);
      return true;
    });
  });
  first_came.get_future().wait();
  server_.reset();
  reader.join();
  const std::string data = "event: data\ndata: " + report_json(read_run_report(path_)) + "\n\n";
  EXPECT_EQ(events, data + data + "event: end\ndata:\n\n");
}

TEST_F(LiveServerTest, RefusesAPortThatIsTaken) {
  const std::string url = server_->url();
  const int port = std::stoi(url.substr(url.rfind(':') + 1));
  EXPECT_THROW(LiveServer({.port = port}, told_), UserError);
}

TEST_F(LiveServerTest, ShowsTheRunInABrowser) {
  if (!Browser::is_installed()) GTEST_SKIP() << "Chromium and its driver are not installed";
  server_->on_begun(path_);
  Browser browser;
  browser.open(server_->url());
  // Answers when the first data have been shown.
  const nlohmann::json rounds = browser.run(R"(
      return new Promise((resolve) => {
        const look = () => hearsay.data ? resolve(hearsay.data.metrics.round)
                                        : requestAnimationFrame(look);
        look();
      }))");
  EXPECT_EQ(rounds, nlohmann::json({1, 2}));
  EXPECT_EQ(browser.run("return document.getElementById('name').textContent"), "small");
  EXPECT_EQ(browser.log("browser"), nlohmann::json::array());
}

}  // namespace
}  // namespace hearsay
