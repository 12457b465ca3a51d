#include "node/protocols/pair_exchange.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"
#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

/// What a message is to an exchange: the first of the data.
enum class Part : std::uint8_t { kOffer, kAnswer, kDecline };

Message make_message(PeerId to, MessageKind kind, const ModelBuffer& model, Part part,
                     std::int64_t number) {
  return {.to = to, .kind = kind, .model = model, .data = pack(part, number)};
}

}  // namespace

PairExchange::PairExchange(const Options& options, const PeerView& view)
    : options_(options), neighborhood_(view), links_(neighborhood_.size()) {
  HEARSAY_CHECK(options.timeout > SimTime{});
  HEARSAY_CHECK(options.attempts >= 1);
  HEARSAY_CHECK(carries_model(options.kind));
}

void PairExchange::start(StartKind how, Effects& effects) {
  if (how == StartKind::kTogether) return;
  neighborhood_.say_hello(effects);
  for (std::size_t k = 0; k < links_.size(); ++k) {
    if (links_[k].number == 0) continue;
    set_aside(links_[k]);
    send_offer(k, effects);
  }
}

void PairExchange::begin_with_any(const ModelBuffer& vector, Rng& rng, Effects& effects) {
  const auto partner = neighborhood_.pick(rng, [this](std::size_t k) { return can_begin(k); });
  if (partner) begin_with(*partner, vector, effects);
}

void PairExchange::begin_with(std::size_t position, const ModelBuffer& vector, Effects& effects) {
  if (!neighborhood_.is_present(position) || !can_begin(position)) return;
  last_number_ =
      std::max({last_number_ + 1, effects.now.nanoseconds, static_cast<std::int64_t>(kFirstTimer)});
  Link& link = links_[position];
  link.number = last_number_;
  link.vector = vector;
  link.tries = 1;
  ++awaiting_;
  send_offer(position, effects);
  effects.timers.push_back(
      {.delay = options_.timeout, .id = static_cast<std::uint64_t>(link.number)});
}

Reception PairExchange::on_message(Message message, const ModelBuffer& own,
                                   std::optional<Meeting>& meeting, Effects& effects) {
  const auto sender = neighborhood_.find(message.from);
  if (!sender) return Reception::kRefused;
  Link& link = links_[*sender];
  if (message.kind == MessageKind::kHello || message.kind == MessageKind::kGoodbye) {
    neighborhood_.note(message, *sender);
    link.declines = false;
    if (message.kind == MessageKind::kGoodbye) give_up(link);
    if (link.number != 0) send_offer(*sender, effects);
    return Reception::kAccepted;
  }
  Part part = Part::kDecline;
  std::int64_t number = 0;
  if (!unpack(message.data, part, number) || number <= 0) return Reception::kRefused;
  const bool declines = part == Part::kDecline && message.kind == MessageKind::kPong;
  const bool has_vector = message.kind == options_.kind && message.model.size() == own.size() &&
                          (part == Part::kOffer || part == Part::kAnswer);
  if (!declines && !has_vector) return Reception::kRefused;
  neighborhood_.note(message, *sender);
  const bool answers = part != Part::kOffer;
  if (link.number != 0 && link.tries == 0 && !(answers && number == link.number)) {
    send_offer(*sender, effects);
  }
  if (!answers) return on_offer(std::move(message), number, *sender, own, meeting, effects);
  link.declines = link.declines || declines;
  if (number != link.number) return Reception::kLate;
  if (!declines) {
    meeting = {
        .other_id = message.from, .own = std::move(link.vector), .other = std::move(message.model)};
  }
  give_up(link);
  return Reception::kAccepted;
}

Reception PairExchange::on_offer(Message message, std::int64_t number, std::size_t position,
                                 const ModelBuffer& own, std::optional<Meeting>& meeting,
                                 Effects& effects) {
  Link& link = links_[position];
  if (number < link.answered) return Reception::kLate;
  const bool is_new = number > link.answered;
  if (is_new && is_closed_) {
    effects.sends.push_back(
        make_message(message.from, MessageKind::kPong, {}, Part::kDecline, number));
    return Reception::kLate;
  }
  if (is_new) {
    link.answered = number;
    link.answer = own;
    meeting = {.other_id = message.from, .own = own, .other = std::move(message.model)};
  }
  effects.sends.push_back(
      make_message(message.from, options_.kind, link.answer, Part::kAnswer, number));
  return is_new ? Reception::kAccepted : Reception::kLate;
}

void PairExchange::on_timer(std::uint64_t id, Effects& effects) {
  for (std::size_t k = 0; k < links_.size(); ++k) {
    Link& link = links_[k];
    if (link.tries == 0 || static_cast<std::uint64_t>(link.number) != id) continue;
    if (link.tries == options_.attempts) {
      set_aside(link);
      return;
    }
    ++link.tries;
    send_offer(k, effects);
    effects.timers.push_back({.delay = options_.timeout, .id = id});
    return;
  }
}

std::vector<PeerId> PairExchange::awaited() const {
  std::vector<PeerId> ids;
  for (std::size_t k = 0; k < links_.size(); ++k) {
    if (links_[k].tries > 0) ids.push_back(neighborhood_.id(k));
  }
  return ids;
}

void PairExchange::persist(Archive& archive) {
  archive(neighborhood_, links_, last_number_, awaiting_, is_closed_);
}

bool PairExchange::can_begin(std::size_t position) const {
  return !is_closed_ && links_[position].number == 0 && !links_[position].declines;
}

void PairExchange::send_offer(std::size_t position, Effects& effects) {
  const Link& link = links_[position];
  effects.sends.push_back(make_message(neighborhood_.id(position), options_.kind, link.vector,
                                       Part::kOffer, link.number));
}

void PairExchange::set_aside(Link& link) {
  if (std::exchange(link.tries, 0) > 0) --awaiting_;
}

void PairExchange::give_up(Link& link) {
  set_aside(link);
  link.number = 0;
  link.vector = {};
}

}  // namespace hearsay
