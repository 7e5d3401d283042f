"""The functions that train networks and buffers of your own: `PPO(...)`, `deep_q_learning(...)`."""
