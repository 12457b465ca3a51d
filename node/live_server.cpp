#include "node/live_server.hpp"

#include <httplib.h>

#include <chrono>
#include <cmath>

#include "node/base/error.hpp"
#include "results/number_text.hpp"
#include "results/report_json.hpp"
#include "results/report_page.hpp"
#include "scenarios/run_report.hpp"

namespace hearsay {
namespace {

constexpr double kReadSeconds = 2.0;
constexpr std::chrono::seconds kLastWait{2};

/// One metric of the text format of Prometheus; none if it was not measured.
std::string metric(const std::string& name, const char* type, const char* help, double value) {
  if (std::isnan(value)) return "";
  return "# HELP hearsay_" + name + " " + help + "\n# TYPE hearsay_" + name + " " + type +
         "\nhearsay_" + name + " " + shortest(value) + "\n";
}

}  // namespace

LiveServer::LiveServer(const LiveOptions& options, RunListener& told)
    : told_(told), host_(options.host), server_(std::make_unique<httplib::Server>()) {
  add_handlers();
  // httplib's own choice would let two servers share a port.
  server_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  const bool is_bound = options.port == 0
                            ? (port_ = server_->bind_to_any_port(host_.c_str())) > 0
                            : server_->bind_to_port(host_.c_str(), port_ = options.port);
  if (!is_bound) {
    throw UserError("--live: cannot listen at " + host_ + " port " + std::to_string(options.port));
  }
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  // One that does not run yet could not be stopped.
  while (!server_->is_running()) std::this_thread::yield();
}

LiveServer::~LiveServer() {
  if (!directory_.empty()) read_run();
  {
    std::unique_lock lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, kLastWait, [this] { return listeners_ == 0; });
  }
  server_->stop();
  thread_.join();
}

std::string LiveServer::url() const {
  return "http://" + host_ + ":" + std::to_string(port_) + "/";
}

void LiveServer::add_handlers() {
  server_->Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(live_page("live"), "text/html; charset=utf-8");
  });
  server_->Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics_text(), "text/plain; version=0.0.4");
  });
  server_->Get("/events", [this](const httplib::Request&, httplib::Response& response) {
    {
      const std::lock_guard lock(mutex_);
      ++listeners_;
    }
    const auto send = [this, sent = std::int64_t{0}](std::size_t, httplib::DataSink& sink) mutable {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return version_ > sent || has_ended_; });
      const bool is_last = has_ended_;
      std::string text;
      if (version_ > sent) text = "event: data\ndata: " + *data_ + "\n\n";
      sent = version_;
      lock.unlock();
      if (is_last) text += "event: end\ndata:\n\n";
      const bool is_there = sink.write(text.data(), text.size());
      if (is_last) sink.done();
      return is_there;
    };
    response.set_chunked_content_provider("text/event-stream", send, [this](bool) {
      const std::lock_guard lock(mutex_);
      --listeners_;
      changed_.notify_all();
    });
  });
}

// The files are whole only while the run's own thread does nothing else.
void LiveServer::read_run() {
  auto data = std::make_shared<const std::string>(report_json(read_run_report(directory_)));
  const std::lock_guard lock(mutex_);
  data_ = std::move(data);
  ++version_;
  changed_.notify_all();
}

std::string LiveServer::metrics_text() {
  const std::lock_guard lock(mutex_);
  const auto number = [](std::int64_t count) { return static_cast<double>(count); };
  return metric("peer_rounds_total", "counter", "Rounds that peers have done.",
                number(progress_.peer_rounds_done)) +
         metric("train_samples_total", "counter", "Samples that peers have trained on.",
                number(progress_.train_samples)) +
         metric("virtual_time_seconds", "gauge", "Virtual time.", progress_.now.seconds()) +
         metric("evaluated_round", "gauge", "Round of the last evaluation.", number(row_.round)) +
         metric("accuracy_mean", "gauge", "Mean test accuracy of the peers.", row_.accuracy_mean) +
         metric("accuracy_min", "gauge", "Test accuracy of the worst peer.", row_.accuracy_min) +
         metric("loss_mean", "gauge", "Mean test loss of the peers.", row_.loss_mean) +
         metric("consensus_distance", "gauge", "Distance of the models from their mean.",
                row_.consensus_distance) +
         metric("live_peers", "gauge", "Peers that are up.", number(row_.live_peers)) +
         metric("bytes_sent_total", "counter", "Bytes that peers have sent.",
                number(row_.bytes_sent)) +
         metric("messages_sent_total", "counter", "Messages that peers have sent.",
                number(row_.messages_sent));
}

void LiveServer::on_begun(const std::filesystem::path& directory) {
  directory_ = directory;
  read_run();
  told_.on_begun(directory);
}

void LiveServer::on_progress(const RunProgress& progress) {
  {
    const std::lock_guard lock(mutex_);
    progress_ = progress;
  }
  told_.on_progress(progress);
}

void LiveServer::on_evaluated(const MetricsRow& row) {
  bool is_wanted = false;
  {
    const std::lock_guard lock(mutex_);
    row_ = row;
    is_wanted = listeners_ > 0;
  }
  if (is_wanted && wall_.seconds() - read_at_ >= kReadSeconds) {
    read_run();
    read_at_ = wall_.seconds();
  }
  told_.on_evaluated(row);
}

void LiveServer::on_warning(const std::string& line) { told_.on_warning(line); }

}  // namespace hearsay
