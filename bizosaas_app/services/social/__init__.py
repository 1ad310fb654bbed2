"""Social media: accounts, campaigns of posts, their approval, and the publishing."""
