-- Pandoc filter of the report; runs before citeproc, for Typst and for HTML.
-- Gives every figure, table, equation and section its number, turns @fig:x into a reference, and carries
-- alternative texts along, which Pandoc's Typst writer would lose. Faults are warnings, so that all are
-- seen at once; Pandoc runs with --fail-if-warnings.

local typst = FORMAT == "typst"
local words = { fig = "Figure", tbl = "Table", eq = "Equation", sec = "Section" }
local numbers = {}
local sheet = false -- whether this is the summary sheet, which refers to the report from outside

local function kind(id)
  return words[id:match("^(%a+):") or ""] and id:match("^(%a+):")
end

local function code(text) return pandoc.RawInline("typst", text) end
local function block(text) return pandoc.RawBlock("typst", text) end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ") .. '"'
end

-- Numbers ------------------------------------------------------------------------------------------------

-- Keep of the whole report what the summary sheet shows: the figure it names.
local function only_sheet(document)
  sheet = true
  local wanted = pandoc.utils.stringify(document.meta["sheet-figure"] or "")
  document.meta["sheet-figure"] = nil
  document.blocks:walk({
    Div = function(div)
      if wanted ~= "" and div.identifier == wanted then
        document.meta["sheet-figure"] = pandoc.MetaBlocks({ div })
      end
    end,
  })
  document.blocks = {}
end

local function number_all(document)
  local count = { fig = 0, tbl = 0, eq = 0 }
  local level = {}
  local in_appendix = false
  local function take(id, number)
    if numbers[id] then pandoc.log.warn("label used twice: " .. id) end
    numbers[id] = number
  end
  local numbering = {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes("appendix") then
        level, in_appendix = {}, true
        return typst and block('#place.flush()\n#set heading(numbering: "A.1")\n#counter(heading).update(0)\n#in-appendix.update(true)') or {}
      end
      local k = kind(div.identifier)
      if k then
        count[k] = count[k] + 1
        take(div.identifier, tostring(count[k]))
        div.attributes.number = tostring(count[k])
        return div
      end
    end,
    Header = function(header)
      if header.classes:includes("unnumbered") then
        return typst and { block("#place.flush()"), header } or nil -- no figure floats into the references
      end
      local depth = header.level
      if depth > #level + 1 then pandoc.log.warn("heading too deep: " .. pandoc.utils.stringify(header)) end
      for missing = #level + 1, depth do level[missing] = 0 end
      level[depth] = level[depth] + 1
      for deeper = depth + 1, 6 do level[deeper] = nil end
      local shown = { table.unpack(level) }
      if in_appendix then shown[1] = string.char(64 + shown[1]) end
      local number = table.concat(shown, ".", 1, depth)
      if kind(header.identifier) then take(header.identifier, number) end
      if not typst then
        header.content:insert(1, pandoc.Space())
        header.content:insert(1, pandoc.Span(number, { class = "section-number" }))
      end
      return header
    end,
  }
  -- the abstract is printed first, so its tables are counted first
  local abstract = document.meta.abstract
  if abstract then document.meta.abstract = abstract:walk(numbering) end
  document.blocks = document.blocks:walk(numbering)
  if document.meta["sheet-text"] then only_sheet(document) end
  return document
end

-- References ---------------------------------------------------------------------------------------------

local function reference(id)
  if sheet then return pandoc.Str(words[kind(id)] .. "\u{a0}" .. numbers[id] .. " of the report") end
  if typst then return code("#ref(<" .. id .. ">);") end
  return pandoc.Link(words[kind(id)] .. "\u{a0}" .. numbers[id], "#" .. id)
end

local function Cite(cite)
  local found = cite.citations:filter(function(c) return kind(c.id) end)
  if #found == 0 then return nil end
  if #found < #cite.citations then
    pandoc.log.warn("a cross-reference and a citation in one bracket: " .. found[1].id)
  end
  local out = pandoc.Inlines({})
  for place, c in ipairs(found) do
    if not numbers[c.id] then
      pandoc.log.warn("unknown label: " .. c.id)
    else
      if place > 1 then out:insert(pandoc.Str(place == #found and " and " or ", ")) end
      out:extend(c.prefix)
      if #c.prefix > 0 then out:insert(pandoc.Space()) end
      out:insert(reference(c.id))
      out:extend(c.suffix)
    end
  end
  return out
end

-- Mathematics --------------------------------------------------------------------------------------------

local function as_typst(math)
  return (pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", ""))
end

local function Math(math)
  if not typst then return nil end
  local block_level = math.mathtype == "DisplayMath" and "block: true, " or ""
  return code("#math.equation(" .. block_level .. "alt: " .. quoted(math.text) .. ", " .. as_typst(math) .. ");")
end

local lists = { BulletList = true, OrderedList = true, DefinitionList = true }

-- a paragraph that leads to an equation or a list goes to the next page with it
local function leading(blocks)
  if not typst then return nil end
  local out = pandoc.Blocks({})
  for place, b in ipairs(blocks) do
    local after = blocks[place + 1]
    local equation = after and after.t == "Div" and kind(after.identifier) == "eq"
    local list = after and lists[after.t] and pandoc.utils.stringify(b):match(":$")
    local leads = b.t == "Para" and (equation or list)
    if leads then out:insert(block("#block(sticky: true, spacing: 1em)[")) end
    out:insert(b)
    if leads then out:insert(block("]")) end
  end
  return out
end

local function equation(div)
  local math
  div:walk({ Math = function(m) math = m end })
  if typst then
    return block('#math.equation(block: true, numbering: "(1)", alt: ' .. quoted(div.attributes.alt) .. ", "
      .. as_typst(math) .. ") <" .. div.identifier .. ">")
  end
  local label = pandoc.Span("(" .. numbers[div.identifier] .. ")", { class = "equation-number" })
  return pandoc.Div({ pandoc.Plain({ math, label }) }, pandoc.Attr(div.identifier, { "equation" }, { { "tabindex", "0" } }))
end

-- Figures and tables -------------------------------------------------------------------------------------

local function part(div, class)
  for _, b in ipairs(div.content) do
    if b.t == "Div" and b.classes:includes(class) then return b.content end
  end
  return pandoc.Blocks({})
end

local function name(div) return words[kind(div.identifier)] .. " " .. numbers[div.identifier] end

local function read(file)
  local handle = assert(io.open(file, "r"))
  local text = handle:read("a")
  handle:close()
  return text
end

-- scrolls sideways on a narrow screen; attributes as pairs, as Lua walks keys in random order
local function scrolling(content, label)
  return pandoc.Blocks({ pandoc.Div(content, pandoc.Attr("", { "scroll" },
    { { "tabindex", "0" }, { "role", "region" }, { "aria-label", label } })) })
end

local function typst_figure(div, options, content, caption, note)
  local out = pandoc.Blocks({ block("#figure(" .. options .. ", caption: [") })
  if #note > 0 then
    -- below a table, but below the caption of a figure
    local below = kind(div.identifier) == "tbl" and content or caption
    below:insert(block("#note["))
    below:extend(note)
    below:insert(block("]"))
  end
  out:extend(caption)
  out:insert(block("], ["))
  out:extend(content)
  out:insert(block("])" .. (sheet and "" or " <" .. div.identifier .. ">")))
  return out
end

local function html_figure(div, shown, caption, note)
  local k = kind(div.identifier)
  local function tag(text) return pandoc.RawBlock("html", text) end
  caption[1].content:insert(1, pandoc.Space())
  caption[1].content:insert(1, pandoc.Strong((name(div):gsub(" ", "\u{a0}")) .. "."))
  local text = pandoc.Blocks({ tag("<figcaption>") })
  text:extend(caption)
  if #note > 0 then (k == "tbl" and shown or text):insert(pandoc.Div(note, { class = "note" })) end
  text:insert(tag("</figcaption>"))
  local out = pandoc.Blocks({ tag('<figure id="' .. div.identifier .. '" class="' .. k .. '">') })
  out:extend(k == "tbl" and text or shown)
  out:extend(k == "tbl" and shown or text)
  out:insert(tag("</figure>"))
  return out
end

local function figure(div)
  local caption = div.content:filter(function(b) return b.t ~= "Div" end)
  local note = part(div, "note")
  local source, alt, width = div.attributes.src, div.attributes.alt, div.attributes.width
  if typst then
    local drawing = block("#drawing(" .. quoted(source) .. ", " .. quoted(alt) .. ", " .. width .. ")")
    local place = sheet and "placement: none" or "placement: auto"
    return typst_figure(div, place, pandoc.Blocks({ drawing }), caption, note)
  end
  if div.attributes.hover then
    local about = pandoc.Div(pandoc.Plain(alt), { class = "unseen" })
    return html_figure(div, pandoc.Blocks({ about, pandoc.RawBlock("html", read(div.attributes.hover)) }), caption, note)
  end
  local image = pandoc.Image(alt, source, "", pandoc.Attr("", {}, { { "style", "width: " .. width } }))
  return html_figure(div, scrolling({ pandoc.Plain({ image }) }, name(div)), caption, note)
end

local WORDY = 30 -- letters of a cell that a narrow screen has no room for beside others
local BRIEF = 14 -- letters of a cell that stays on one line where there is room

-- on a narrow screen, rows of a table of sentences stand below each other, each cell with the name of its column
local function stacking(tables)
  for _, table in ipairs(tables) do
    local names, wordy = {}, false
    for _, row in ipairs(table.head.rows) do
      for column, cell in ipairs(row.cells) do names[column] = pandoc.utils.stringify(cell.contents) end
    end
    for _, body in ipairs(table.bodies) do
      for _, row in ipairs(body.body) do
        for column, cell in ipairs(row.cells) do
          local letters = utf8.len(pandoc.utils.stringify(cell.contents))
          wordy = wordy or letters > WORDY
          if letters <= BRIEF then cell.classes:insert("brief") end
          cell.attributes.column = names[column] or ""
        end
      end
    end
    if wordy then table.classes:insert("stacked") end
  end
  return tables
end

local function tabular(div)
  local caption, note = part(div, "caption"), part(div, "note")
  local body = div.content:filter(function(b) return b.t == "Table" end)
  if not typst then body = stacking(body) end
  if not typst then return html_figure(div, scrolling(body, name(div)), caption, note) end
  body[1].classes:insert("typst:no-figure")
  return typst_figure(div, "kind: table", body, caption, note)
end

local function Div(div)
  local k = kind(div.identifier)
  if k == "eq" then return equation(div) end
  if k == "fig" then return figure(div) end
  if k == "tbl" then return tabular(div) end
end

local function Image(image)
  pandoc.log.warn("image in the text: " .. image.src)
end

return {
  { Pandoc = number_all }, { Image = Image, Cite = Cite }, { Blocks = leading }, { Div = Div }, { Math = Math },
}
