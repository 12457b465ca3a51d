#pragma once

#include <zmq.hpp>

#include "node/net/batch.hpp"

namespace hearsay {

/// A frame for the socket; shares the buffer's memory until it has been sent.
zmq::message_t to_message(Buffer frame);

/// The bytes of a received frame; large ones are not copied.
Buffer to_buffer(zmq::message_t message);

/// Puts all frames on the socket as one multipart message. False, with nothing sent, if the
/// socket would block. REQUIRES: at least one frame.
bool send_frames(zmq::socket_t& socket, Frames frames);

}  // namespace hearsay
