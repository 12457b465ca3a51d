#include "results/peer_history.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "results/run_file.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

/// peers.csv, whose lines are read one after the other.
class PeersFile {
 public:
  explicit PeersFile(const std::filesystem::path& directory)
      : file_(directory / "peers.csv"), in_(file_.open()) {
    std::getline(in_, line_);
    const std::vector<std::string_view> names = cells_of(line_);
    num_columns_ = names.size();
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto found = std::ranges::find(names, kColumns[i]);
      if (found == names.end()) file_.fail("has no column " + std::string(kColumns[i]));
      places_[i] = static_cast<std::size_t>(found - names.begin());
    }
  }

  /// The next row; only the columns read here are filled.
  PeerRow next() {
    ++number_;
    if (!std::getline(in_, line_)) file_.fail("ends before the rows that metrics.csv counts");
    cells_ = cells_of(line_);
    if (cells_.size() != num_columns_) {
      file_.fail_line(number_, std::to_string(cells_.size()) + " fields, but there are " +
                                   std::to_string(num_columns_) + " columns");
    }
    PeerRow row{.round = whole(kRound),
                .peer = static_cast<PeerId>(whole(kPeer)),
                .role = std::string(cells_[places_[kRole]]),
                .alive = whole(kAlive) != 0,
                .accuracy = number(kAccuracy),
                .loss = number(kLoss),
                .samples = whole(kSamples)};
    row.time = SimTime::from_seconds(bounded(kTime, kLatestTimeS));
    return row;
  }

  /// True if another line follows.
  bool has_more() { return in_.peek() != std::ifstream::traits_type::eof(); }

  [[noreturn]] void fail(const std::string& what) const { file_.fail_line(number_, what); }

 private:
  enum Column { kRound, kTime, kPeer, kRole, kAlive, kAccuracy, kLoss, kSamples };
  static constexpr std::array<std::string_view, 8> kColumns{"round", "time_s",   "peer", "role",
                                                            "alive", "accuracy", "loss", "samples"};

  double number(Column column) const {
    const std::string_view cell = cells_[places_[column]];
    const auto value = number_in(cell);
    if (!value) fail('"' + std::string(cell) + "\" is no number");
    return *value;
  }

  double bounded(Column column, double most) const {
    const double value = number(column);
    if (value >= 0.0 && value <= most) return value;
    fail(std::string(kColumns[column]) + " is not between 0 and " + std::to_string(most));
  }

  std::int64_t whole(Column column) const {
    return static_cast<std::int64_t>(bounded(column, column == kPeer ? 1e9 : 1e15));
  }

  RunFile file_;
  std::ifstream in_;
  std::string line_;
  std::vector<std::string_view> cells_;
  std::array<std::size_t, kColumns.size()> places_{};
  std::size_t num_columns_ = 0;
  int number_ = 1;
};

/// The rows of one evaluation: all that follow with its round and ascending peers.
class Evaluations {
 public:
  explicit Evaluations(const std::filesystem::path& directory) : file_(directory) { advance(); }

  /// Those of the row of metrics.csv with this round, `peers` at least of them honest.
  std::vector<PeerRow> take(std::int64_t round, std::int64_t peers) {
    std::vector<PeerRow> rows;
    std::int64_t honest = 0;
    while (ahead_ && ahead_->round == round && (rows.empty() || ahead_->peer > rows.back().peer)) {
      honest += ahead_->role == kHonestRole ? 1 : 0;
      rows.push_back(std::move(*ahead_));
      advance();
    }
    if (honest < peers) {
      file_.fail(std::to_string(honest) + " peers of round " + std::to_string(round) +
                 ", but metrics.csv counts " + std::to_string(peers));
    }
    return rows;
  }

  void finish() const {
    if (ahead_) file_.fail("a row of no evaluation in metrics.csv");
  }

 private:
  void advance() {
    ahead_.reset();
    if (file_.has_more()) ahead_ = file_.next();
  }

  PeersFile file_;
  std::optional<PeerRow> ahead_;
};

LossSpread spread_of(const std::vector<PeerRow>& rows) {
  std::vector<double> losses;
  for (const PeerRow& row : rows) {
    if (row.role == kHonestRole) losses.push_back(row.loss);
  }
  return {percentile_of(losses, 10), percentile_of(losses, 90), max_of(losses)};
}

/// What one shown moment adds.
struct Moment {
  std::map<PeerId, PeerRow> rows;  ///< Of the peers that are shown.
};

void fill(PeerHistory& history, const std::vector<Moment>& moments) {
  std::map<PeerId, PeerHistory::Peer> peers;
  for (const Moment& moment : moments) {
    for (const auto& [id, row] : moment.rows) peers[id] = {id, row.role, row.samples};
  }
  for (const auto& [id, peer] : peers) history.peers.push_back(peer);
  for (const Moment& moment : moments) {
    std::vector<double>& accuracy = history.accuracy.emplace_back();
    std::vector<double>& loss = history.loss.emplace_back();
    for (const PeerHistory::Peer& peer : history.peers) {
      const auto row = moment.rows.find(peer.peer);
      const bool is_there = row != moment.rows.end() && row->second.alive;
      accuracy.push_back(is_there ? row->second.accuracy : kMissing);
      loss.push_back(is_there ? row->second.loss : kMissing);
    }
  }
}

std::int64_t count_in(const FinishedRun& run, std::size_t row, std::string_view column) {
  const auto at = run.column(column);
  return at && !std::isnan(run.rows[row][*at]) ? std::llround(run.rows[row][*at]) : 0;
}

/// Which rows of metrics.csv are shown.
std::vector<std::size_t> moments_of(const FinishedRun& run, const PictureLimits& limits) {
  std::vector<std::size_t> tested;
  std::int64_t most_peers = 1;
  for (std::size_t k = 0; k < run.rows.size(); ++k) {
    const std::int64_t peers = count_in(run, k, "peers");
    if (peers > 0) tested.push_back(k);
    most_peers = std::max(most_peers, peers);
  }
  const std::size_t shown = std::min(limits.peers, static_cast<std::size_t>(most_peers));
  const std::size_t most = std::clamp<std::size_t>(limits.values / shown, 2, limits.moments);
  std::vector<std::size_t> moments;
  for (const std::size_t k : evenly_spaced(tested.size(), most)) moments.push_back(tested[k]);
  return moments;
}

/// Of how many peers one is shown.
PeerId stride_of(const FinishedRun& run, const PictureLimits& limits) {
  std::int64_t most = 1;
  for (std::size_t k = 0; k < run.rows.size(); ++k) {
    most = std::max({most, count_in(run, k, "peers"), count_in(run, k, "live_peers")});
  }
  const auto count = static_cast<std::size_t>(most);
  return static_cast<PeerId>((count + limits.peers - 1) / limits.peers);
}

}  // namespace

std::vector<std::size_t> evenly_spaced(std::size_t count, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t shown = std::min(count, most);
  for (std::size_t i = 0; i < shown; ++i) {
    chosen.push_back(shown == 1 ? 0 : i * (count - 1) / (shown - 1));
  }
  return chosen;
}

PeerHistory read_peer_history(const FinishedRun& run, const std::vector<double>& targets,
                              TargetHold hold, const std::vector<Join>& joins,
                              PictureLimits limits) {
  PeerHistory history{.moments = moments_of(run, limits)};
  const PeerId stride = stride_of(run, limits);
  TargetTimes times(targets, hold);
  for (const Join& join : joins) times.start(join.peer, {.time = join.time});
  std::vector<Moment> shown;
  Evaluations evaluations(run.path);
  for (std::size_t k = 0; k < run.rows.size(); ++k) {
    const std::vector<PeerRow> rows =
        evaluations.take(count_in(run, k, "round"), count_in(run, k, "peers"));
    for (const PeerRow& row : rows) times.record(row);
    history.loss_spread.push_back(spread_of(rows));
    if (!std::ranges::binary_search(history.moments, k)) continue;
    Moment& moment = shown.emplace_back();
    for (const PeerRow& row : rows) {
      if (row.peer % stride == 0) moment.rows.emplace(row.peer, row);
    }
  }
  evaluations.finish();
  fill(history, shown);
  const std::vector<TimeToAccuracy> results = times.results();
  for (std::size_t t = 0; t < targets.size(); ++t) {
    history.reached.push_back({targets[t], results[t].peers, times.seconds_reached(t)});
  }
  return history;
}

}  // namespace hearsay
