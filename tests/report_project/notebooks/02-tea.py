# %% [markdown]
# # Tea
#
# Tea follows @sec:bells.[^1]
#
# ## Milk {#sec:milk}
#
# Not in @sec:milk.
#
# [^1]: In the afternoon.
